import { applyAuth, defineManifest } from '@mortise/manifest'
import { runPing } from '@mortise/manifest/ping'

const agendor = defineManifest({
  app_id: 'agendor',
  name: 'Agendor',
  color: '#24B47E',
  website: 'https://agendor.com.br',
  signup_url: 'https://agendor.com.br/signup',
  description: { pt_BR: 'CRM para vendas.', en: 'A CRM for sales teams.' },
  api_base_uri: {
    production: { uri: 'https://api.agendor.com.br/v3', label: 'Produção', default: true },
  },
  authentication: {
    type: 'pass_through_header',
    fields: [
      { name: 'token', label: 'Token', type: 'text', mapping: 'Authorization', prefix: 'Token' },
    ],
    ping_request: { method_name: '/users/me' },
  },
})
const auth = { token: 'not-a-real-token' }
console.log(applyAuth(agendor, auth, { url: '/people' }))
console.log(
  await runPing(agendor, { auth }, { fetch: async () => new Response('{}', { status: 401 }) }),
)
