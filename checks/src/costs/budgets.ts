/** What one package may cost whoever installs it. */
export interface Budget {
  /** Everything in `node_modules` after installing the package alone, in KiB, optional peers apart. */
  installKiB: number
  /** Importing `.` in a fresh process over importing an empty module, in milliseconds. */
  importMs: number
}

/** A budget a package; raising one is a decision to be reviewed. */
export const budgets: Record<string, Budget> = {
  '@mortise/errors': { installKiB: 300, importMs: 5 },
  '@mortise/manifest': { installKiB: 9_000, importMs: 25 },
  '@mortise/files-local': { installKiB: 4_000, importMs: 60 },
  '@mortise/files-remote': { installKiB: 1_000, importMs: 15 },
  '@mortise/segments-uploader': { installKiB: 8_000, importMs: 25 },
  '@mortise/extension-hooks': { installKiB: 1_500, importMs: 15 },
  '@mortise/messaging-sdk': { installKiB: 9_000, importMs: 40 },
}
