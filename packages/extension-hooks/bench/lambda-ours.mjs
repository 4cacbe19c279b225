import { createHookHost } from '../dist/index.mjs'
import { createLambdaHandler } from '../dist/lambda/index.mjs'

const page = ({ data }) => data.map((record) => ({ data: record }))
export const handler = createLambdaHandler(createHookHost({ diy: { page } }))
