/** Addresses keep their underscores: a mark inside them is no mark. */
const ADDRESS = /(https?:\/\/[^\s<>]+)/

/** Marks that mean something in a message. */
const MARKS = /[\\*_~`|<]/g
/** Marks that mean something at the beginning of a line only. */
const LINE_MARKS = /^(\s*)([>#-])/gm

/** Words that look as they were written: Discord reads every message as Markdown. */
export function escapeDiscord(text: string): string {
  return text
    .split(ADDRESS)
    .map((piece, index) =>
      index % 2 === 1 ? piece : piece.replaceAll(MARKS, '\\$&').replaceAll(LINE_MARKS, '$1\\$2'),
    )
    .join('')
}
