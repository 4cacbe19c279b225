import { applyAuth, parseManifest } from '@mortise/manifest'
import { runPing } from '@mortise/manifest/ping'

const { manifest, diagnostics } = parseManifest(`{
  "app_id": "agendor", "name": "Agendor", "color": "#27385F", "description": { "pt_BR": "CRM", "en": "CRM" },
  "website": "https://agendor.com.br", "signup_url": "https://agendor.com.br/entrar",
  "api_base_uri": { "production": { "uri": "https://api.agendor.com.br/v3", "label": "API", "default": true } },
  "authentication": {
    "type": "pass_through_header", "ping_request": { "method_name": "/users/me" },
    "fields": [{ "name": "token", "label": "Token", "type": "text", "mapping": "Authorization", "prefix": "Token" }]
  } }`)
console.log(diagnostics[0]?.line, diagnostics[0]?.message) // 2 The description in "pt_BR" has 1 words.
if (!manifest) throw new Error('not a manifest')
console.log(applyAuth(manifest, { token: 'abc' }, { url: '/people' }).headers) // { Authorization: 'Token abc' }
const fetch = async () => new Response('{}', { status: 401 })
console.log(await runPing(manifest, { auth: { token: 'abc' } }, { fetch })) // reason: 'invalid_credentials'
