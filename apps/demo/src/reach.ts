import { copyError, fromUnknown } from '@mortise/errors'

/** A server of the configuration, as a person chose it. */
export interface ChosenServer {
  what: string
  address: string
  /** The variables that choose it. */
  variables: readonly string[]
}

/** Talks to the server for the first time; a failure names the server and the variables that led to it. */
export async function reach<T>(server: ChosenServer, talk: () => Promise<T>): Promise<T> {
  const { what, address, variables } = server
  try {
    return await talk()
  } catch (thrown) {
    const error = fromUnknown(thrown)
    const said = thrown instanceof Error && thrown.name !== 'Error' ? `${thrown.name}: ` : ''
    const advice = `Look at ${variables.join(', ')}.`
    throw copyError(error, { message: `${what} at ${address}: ${said}${error.message}. ${advice}` })
  }
}
