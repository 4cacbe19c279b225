import type { Narrator } from '../src/narrator.ts'

/** For tests that look at what happens, not at what is told. */
export const silentNarrator: Narrator = {
  step: () => {},
  chapter: () => {},
  table: () => {},
  say: () => {},
}
