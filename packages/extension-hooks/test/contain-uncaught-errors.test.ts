import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('./fixtures/lost-errors.mjs', import.meta.url))
const run = (mode: string) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, ['--conditions=@mortise/source', script, mode], (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    )
  })
const answers = '["from a timer","floating","fine","answered"]\n'

describe('containUncaughtErrors', () => {
  it('fails the call that lost an error, and nobody else', async () => {
    expect(await run('contained')).toMatchObject({ code: 0, out: `${answers}still here\n` })
  })

  it('leaves errors of anything else alone: they end the process', async () => {
    const { code, out, err } = await run('foreign')
    expect([code, out]).toEqual([7, answers])
    expect(err).toContain('nobody knows this one')
  })

  it('can be undone', async () => {
    const { code, err } = await run('undone')
    expect(code).toBe(1)
    expect(err).toContain('from a timer')
  })
})
