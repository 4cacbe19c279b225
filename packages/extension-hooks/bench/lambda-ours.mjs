import { createHookHost } from '../dist/index.js'
import { createLambdaHandler } from '../dist/lambda/index.js'

const page = ({ data }) => data.map((record) => ({ data: record }))
export const handler = createLambdaHandler(createHookHost({ diy: { page } }))
