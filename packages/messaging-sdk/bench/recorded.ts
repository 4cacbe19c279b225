import { createHmac } from 'node:crypto'

/** A real delivery, published with its (since reset) secret in david-lev/pywa `tests/test_server.py`. */
export const recordedBody =
  '{"object":"whatsapp_business_account","entry":[{"id":"264937493375603","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550953877","phone_number_id":"277321005464405"},"contacts":[{"profile":{"name":"PyWa Tests"},"wa_id":"972544401243"}],"messages":[{"from":"972544401243","id":"wamid.HBgMOTcyNTQ0NDAxMjQzFQIAEhggM0RFQTNCMEEwRTY3QzUwODYzMDc4NjQ4QzM4ODAxM0YA","timestamp":"1730231903","text":{"body":"Hey there! I am using PyWa."},"type":"text"}]},"field":"messages"}]}]}'

export const appSecret = '1222e786b144d0e85b9f365372d93676'
export const credentials = {
  phoneNumberId: '277321005464405',
  accessToken: 'token',
  appSecret,
  verifyToken: 'word',
}

export function sign(body: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`
}

/** The recorded delivery with another message id: number `index` of a series. */
export function another(index: number): string {
  return recordedBody.replace(/wamid\.\w+/, `wamid.bench${index}`)
}
