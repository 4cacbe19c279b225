export { createHttpListener, type HttpListenerOptions } from './http-listener.ts'
