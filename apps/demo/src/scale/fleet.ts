import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Setup } from '../open-parts.ts'

/** A process of the run. */
export interface Member {
  name: string
  pid: number
  /** What it said when it was ready: a receiver its address. */
  said: string
  isAlive: () => boolean
  /** SIGKILL; resolves when it is dead. */
  kill: () => Promise<void>
}

/** Several processes with the same set-up. */
export interface Fleet extends AsyncDisposable {
  receivers: readonly Member[]
  workers: readonly Member[]
}

const RECEIVER = new URL('./receiver.ts', import.meta.url)
const WORKER = new URL('../worker.ts', import.meta.url)

/** Starts them all, and waits until every one is ready. */
export async function startFleet(
  setup: Setup,
  size: { receivers: number; workers: number },
): Promise<Fleet> {
  const started: Member[] = []
  const start = async (name: string, program: URL) => {
    const member = await startMember(name, program, setup)
    started.push(member)
    return member
  }
  const close = async () => {
    for (const member of started) await member.kill()
  }
  try {
    const numbered = (name: string, count: number, program: URL) =>
      Promise.all(Array.from({ length: count }, (_, at) => start(`${name} ${at + 1}`, program)))
    const receivers = await numbered('receiver', size.receivers, RECEIVER)
    const workers = await numbered('worker', size.workers, WORKER)
    return { receivers, workers, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startMember(name: string, program: URL, setup: Setup): Promise<Member> {
  const child: ChildProcess = fork(program)
  const dead = once(child, 'exit')
  child.send(setup)
  const failed = dead.then(([code]) => {
    throw new Error(`${name} ended with ${code} before it was ready`)
  })
  const [said] = (await Promise.race([once(child, 'message'), failed])) as [unknown]
  return {
    name,
    pid: child.pid ?? 0,
    said: String(said),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    kill: async () => {
      child.kill('SIGKILL')
      await dead
    },
  }
}
