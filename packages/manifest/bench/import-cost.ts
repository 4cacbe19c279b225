// Prints how long an empty module and the manifest's main door take to import, in one fresh process.
async function importMs(url: string): Promise<number> {
  const started = performance.now()
  await import(url)
  return performance.now() - started
}

const empty = await importMs('data:text/javascript,export%20{}')
const loaded = await importMs(new URL('../dist/index.js', import.meta.url).href)
console.log(JSON.stringify([empty, loaded]))
