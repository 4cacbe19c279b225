/** A request in the words of axios. */
export interface HttpRequestConfig {
  url?: string | undefined
  method?: string | undefined
  baseURL?: string | undefined
  headers?: Record<string, string | number | boolean | undefined> | undefined
  params?: Record<string, unknown> | URLSearchParams | undefined
  /** Objects are sent as JSON, or as the form that the content type says; forms, texts and bytes as they are. */
  data?: unknown
  auth?: { username: string; password: string } | undefined
  /** Milliseconds; 0 means none. Default: the client's. */
  timeout?: number | undefined
  responseType?: 'json' | 'text' | 'arraybuffer' | undefined
  validateStatus?: ((status: number) => boolean) | null | undefined
  maxRedirects?: number | undefined
  signal?: AbortSignal | undefined
}

/** An answer in the words of axios. */
export interface HttpResponse<T = unknown> {
  data: T
  status: number
  statusText: string
  headers: Record<string, string>
  config: HttpRequestConfig
}
