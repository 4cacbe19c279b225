import { type Drawing, drawBoxes } from './draw-boxes.ts'

/** The seven packages, and how data goes through them in the demo. */
const FLOW: Drawing = {
  label:
    'A platform posts a signed webhook to messaging-sdk, which verifies and stores it. Attachments go through ' +
    'files-local to files-remote, profiles to segments-uploader, records through extension-hooks, whose reply ' +
    'messaging-sdk sends. manifest signs requests to the SaaS API. errors decides for all of them.',
  boxes: {
    platform: { title: 'a platform', words: 'WhatsApp, Slack …', isOutside: true },
    messaging: { title: 'messaging-sdk', words: 'verify, store, order' },
    local: { title: 'files-local', words: 'download, guarded' },
    remote: { title: 'files-remote', words: 'S3, disk, memory' },
    segments: { title: 'segments-uploader', words: 'one file a day' },
    hooks: { title: 'extension-hooks', words: 'customers’ code' },
    manifest: { title: 'manifest', words: 'sign requests, ping' },
    saas: { title: 'the SaaS API', words: 'CRM, shop, helpdesk …', isOutside: true },
    errors: { title: 'errors', words: 'who must act next?' },
  },
  ways: [
    { from: 'platform', to: 'messaging' },
    { from: 'messaging', to: 'local' },
    { from: 'local', to: 'remote' },
    { from: 'messaging', to: 'segments' },
    { from: 'messaging', to: 'hooks' },
    { from: 'hooks', to: 'messaging', back: true },
    { from: 'manifest', to: 'saas' },
  ],
  layouts: {
    wide: {
      width: 688,
      height: 224,
      places: {
        platform: [77, 112],
        messaging: [255, 112],
        local: [433, 28],
        remote: [611, 28],
        segments: [433, 112],
        hooks: [433, 196],
        manifest: [611, 112],
        saas: [611, 196],
        errors: [77, 196],
      },
    },
    narrow: {
      width: 342,
      height: 452,
      places: {
        platform: [77, 28],
        messaging: [77, 112],
        local: [77, 216],
        remote: [77, 300],
        segments: [265, 216],
        hooks: [265, 112],
        manifest: [77, 396],
        saas: [265, 396],
        errors: [265, 300],
      },
    },
  },
}

/** From a webhook to its acknowledgement. */
const DELIVERY: Drawing = {
  label:
    'A webhook is verified, then stored; only then the platform gets 200. A consumer takes stored events in order, and ' +
    'acknowledges when the handler is done. A rejection comes back later, or becomes a dead letter.',
  boxes: {
    platform: { title: 'platform', words: 'delivers again if not 200', isOutside: true },
    verify: { title: 'verify', words: '401 if unsigned' },
    store: { title: 'store', words: 'then 200, not before' },
    handler: { title: 'your handler', words: 'at least once, in order', isOutside: true },
    dead: { title: 'dead letter', words: 'kept, can be redriven' },
  },
  ways: [
    { from: 'platform', to: 'verify' },
    { from: 'verify', to: 'store' },
    { from: 'store', to: 'platform', back: true },
    { from: 'store', to: 'handler' },
    { from: 'handler', to: 'dead' },
  ],
  layouts: {
    wide: {
      width: 688,
      height: 140,
      places: {
        platform: [77, 28],
        verify: [255, 28],
        store: [433, 28],
        handler: [611, 28],
        dead: [611, 112],
      },
    },
    narrow: {
      width: 342,
      height: 308,
      places: {
        platform: [77, 28],
        verify: [265, 28],
        store: [265, 112],
        handler: [265, 196],
        dead: [265, 280],
      },
    },
  },
}

/** The pictures of the site, by the name that pages include them under. */
export function pictures(): Record<string, string> {
  return { flow: drawBoxes(FLOW), delivery: drawBoxes(DELIVERY) }
}
