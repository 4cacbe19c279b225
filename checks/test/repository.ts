import { fileURLToPath } from 'node:url'
import { readWorkspace } from '../src/workspace.ts'

/** This repository, as the rules see it. */
export const repository = readWorkspace(fileURLToPath(new URL('../..', import.meta.url)))
