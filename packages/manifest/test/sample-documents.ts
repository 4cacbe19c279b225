import { readFileSync } from 'node:fs'
import { type AppManifest, parseManifest } from '@mortise/manifest'

// biome-ignore lint/suspicious/noExplicitAny: documents are bent in every way
type Loose = Record<string, any>

/** The text of a documented example. */
export function documentedText(name: string): string {
  return readFileSync(new URL(`./fixtures/documented/${name}.json`, import.meta.url), 'utf8')
}

/** A documented example, parsed. */
export function documented(name: string): AppManifest {
  return mustParse(documentedText(name))
}

export function mustParse(text: string): AppManifest {
  const parsed = parseManifest(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics, null, 1))
  return parsed.manifest
}

/** The text of a documented example with something changed in it. */
export function changed(name: string, change: (document: Loose) => void): string {
  const document = JSON.parse(documentedText(name))
  change(document)
  return JSON.stringify(document, null, 2)
}

/** A manifest with another `authentication`. */
export function manifestWith(
  authentication: Loose,
  apiBaseUri = 'https://api.example.com/v1',
): AppManifest {
  return mustParse(
    changed('paypal', (document) => {
      document.authentication = authentication
      document.api_base_uri.production.uri = apiBaseUri
    }),
  )
}
