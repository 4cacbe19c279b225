/** An error with the code and text that the original host's users know. */
export interface CompatError extends Error {
  code: string
}

// Word for word, slips included: people match on them.
const texts = {
  optionsMissing: ['missing_parameter', 'Options parameter is not provided.'],
  targetMissing: ['missing_required_field', 'Either DIY or connectors field needs to be set.'],
  targetTwice: [
    'invalid_configuration',
    'The configuration object should only have one of the diy or connectors field.',
  ],
  noConnectors: ['invalid_field', 'No connector modules provided in the connectors field.'],
  tokenMissing: ['missing_required_field', 'systemToken not provided in options.'],
  serverMissing: ['invaid_function_call', 'Integration-extension server not deployed.'],
  serverTwice: ['cannot_create_server', 'Integration-extension server is already deployed.'],
} as const

/** Makes one of them. */
export function compatError(name: keyof typeof texts): CompatError {
  const [code, message] = texts[name]
  return Object.assign(new Error(message), { code })
}
