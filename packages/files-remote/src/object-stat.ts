/** What is known of a stored object. */
export interface ObjectStat {
  readonly key: string
  readonly etag: string
  /** Size of the whole object, also when a range was asked. */
  readonly sizeBytes: number
  readonly mediaType?: string | undefined
  readonly metadata?: ObjectMetadata | undefined
  readonly lastModified?: Date | undefined
}

/** Free text by name. Names are lower-case letters, digits and `-`; at most 2,048 bytes in all. */
export type ObjectMetadata = Readonly<Record<string, string>>
