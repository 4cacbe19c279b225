/** What a signed request may do: read, store a body, or store the file of a form. */
export type SignedMethod = 'GET' | 'PUT' | 'POST'

/** What every request to sign has. */
export interface SignRequest {
  readonly key: string
  /** Seconds, because signatures count whole seconds. Default 1800, at most 604800 (seven days). */
  readonly expiresInSeconds?: number | undefined
}

/** A read to sign. */
export interface SignGetRequest extends SignRequest {
  readonly method: 'GET'
  /** The browser saves the answer under this name. Default: no `Content-Disposition`. */
  readonly downloadName?: string | undefined
}

/** An upload to sign. */
export interface SignPutRequest extends SignRequest {
  readonly method: 'PUT'
  /** The type that the upload must have. Default: `application/octet-stream`. */
  readonly mediaType?: string | undefined
  /** The upload must be exactly this long. Default: any. */
  readonly sizeBytes?: number | undefined
}

/** An upload by a form to sign: the form, unlike PUT, can limit the size. */
export interface SignPostRequest extends SignRequest {
  readonly method: 'POST'
  /** The type that the form must name. Default: `application/octet-stream`. */
  readonly mediaType?: string | undefined
  /** Smallest accepted upload in bytes. Default 0. */
  readonly minBytes?: number | undefined
  /** Largest accepted upload in bytes. A form without a limit is refused. */
  readonly maxBytes: number
}

/** A request to sign. */
export type SignUrlRequest = SignGetRequest | SignPutRequest | SignPostRequest

/** A request that somebody else may make as it stands. */
export interface SignedUrl {
  readonly method: SignedMethod
  readonly url: string
  /** Headers that must be sent along. */
  readonly headers: Readonly<Record<string, string>>
  /** For POST: the form fields that stand before the field `file`. Otherwise empty. */
  readonly fields: Readonly<Record<string, string>>
  readonly expiresAt: Date
}
