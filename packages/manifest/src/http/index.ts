export type { AuthorizeOptions, AuthSource, AxiosLike } from './authorized-fetch.ts'
export { authorizeAxios, createAuthorizedFetch } from './authorized-fetch.ts'
export type {
  HttpClient,
  HttpClientOptions,
  HttpRequestConfig,
  HttpResponse,
} from './http-client.ts'
export { createHttpClient, DEFAULT_MAX_BYTES, DEFAULT_TIMEOUT_MS } from './http-client.ts'
export type { HttpError } from './http-error.ts'
export type { Fetch } from './redirects.ts'
