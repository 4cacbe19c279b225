export type { ErrorKind } from '@mortise/errors'
