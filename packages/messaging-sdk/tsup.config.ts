import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'cli/mortise-messaging': 'src/cli/mortise-messaging.ts',
    'opentelemetry/index': 'src/opentelemetry/index.ts',
    'moleculer/index': 'src/moleculer/index.ts',
    'http/index': 'src/http/index.ts',
    'nats/index': 'src/nats/index.ts',
    'sqlite/index': 'src/sqlite/index.ts',
    'sqlite/sqlite-worker': 'src/sqlite/sqlite-worker.ts',
    'memory/index': 'src/memory/index.ts',
    'whatsapp/index': 'src/whatsapp/index.ts',
    'testing/index': 'src/testing/index.ts',
    'telegram/index': 'src/telegram/index.ts',
    'slack/index': 'src/slack/index.ts',
    'messenger/index': 'src/messenger/index.ts',
    'discord/index': 'src/discord/index.ts',
    'twilio/index': 'src/twilio/index.ts',
    'line/index': 'src/line/index.ts',
  },
  format: ['esm'],
  target: 'node22',
  dts: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
})
