import { runCli } from '../../src/cli/run-cli.ts'

/** Runs the program in this process: its exit code, and the lines it writes. */
export async function cli(...args: string[]) {
  const lines: string[] = []
  const errors: string[] = []
  const code = await runCli(args, {
    out: (line) => lines.push(line),
    error: (line) => errors.push(line),
    signal: new AbortController().signal,
  })
  return { code, lines, errors }
}
