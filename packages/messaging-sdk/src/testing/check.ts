/** One check of a contract. Give it to any runner: `for (const check of checks) it(check.name, check.run)`. */
export interface Check {
  /** A sentence in the present tense. */
  name: string
  run: () => Promise<void>
}
