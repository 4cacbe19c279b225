export const handler = async ({ data }) => data.map((record) => ({ data: record }))
