// One cold start in a process of its own, as AWS's client does it: import the module of a handler, call the handler once.
// Prints the milliseconds it took. JavaScript, because the compiler would be part of the time. By a clock that loads
// nothing: `performance` and `process.stdout` load modules which the handler would then get for nothing.
// Usage: node bench/cold-start.mjs ./lambda-ours.mjs
const startedAt = process.hrtime()
const { handler } = await import(process.argv[2])
await handler({ data: [{ total: 1 }] }, { clientContext: { diy: true, function: 'page' } })
const [seconds, nanoseconds] = process.hrtime(startedAt)
process.stdout.write(String(seconds * 1e3 + nanoseconds / 1e6))
