// Property tests repeat themselves: the same documents in every run. `pnpm soak` takes others.
import fc from 'fast-check'
import { vi } from 'vitest'

fc.configureGlobal({ seed: Number(process.env.SOAK_SEED ?? 20_261_122) })

// A busy machine takes its time over a thousand documents.
vi.setConfig({ testTimeout: 60_000 })
