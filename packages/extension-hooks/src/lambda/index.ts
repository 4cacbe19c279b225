export type { LambdaContext, LambdaHandler, LambdaOptions } from './lambda-handler.ts'
export { createLambdaHandler } from './lambda-handler.ts'
