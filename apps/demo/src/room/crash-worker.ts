import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Narrator } from '../narrator.ts'
import type { Setup } from '../open-parts.ts'

type Told = 'ready' | Parameters<Narrator['step']>

/** A pipeline in a process of its own, which can be killed in the middle of a message. */
export interface DoomedWorker extends Disposable {
  /** Kills it (SIGKILL) when it tells its next step, and resolves with its id when it is dead. */
  killAtNextStep: () => Promise<number | undefined>
}

/** Starts the worker and waits until it takes messages. */
export async function startDoomedWorker(setup: Setup, narrator: Narrator): Promise<DoomedWorker> {
  const child: ChildProcess = fork(new URL('../worker.ts', import.meta.url))
  child.send(setup)
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The worker ended with ${code} before it was ready`)
  })
  let told: Told
  do [told] = (await Promise.race([once(child, 'message'), died])) as [Told]
  while (told !== 'ready')
  died.catch(() => {}) // from here on it is meant to
  narrator.step('worker', `process ${child.pid} takes over`, 'note')
  return {
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
    killAtNextStep: async () => {
      const [[who, what, mark]] = (await once(child, 'message')) as [Parameters<Narrator['step']>]
      const dead = once(child, 'exit')
      child.kill('SIGKILL')
      narrator.step(who, what, mark)
      await dead
      narrator.step('worker', `process ${child.pid} killed in the middle of it`, 'refused')
      return child.pid
    },
  }
}
