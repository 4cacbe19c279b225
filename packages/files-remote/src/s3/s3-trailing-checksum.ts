import { unsupported } from '../storage-errors.ts'
import { crc32, toBase64 } from './crc32.ts'
import { type PartBody, PIECE_BYTES } from './s3-part-body.ts'
import { type AnyCommand, intercept, isProtected, type PlainRequest } from './s3-request.ts'

/*
 * A checksum in a header stands before the bytes: the file is read for it, and read again to be sent. A checksum in a
 * trailer stands behind them: the file is read once, and the bytes travel in frames, each `<length in hex>\r\n<bytes>\r\n`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */

const TRAILER = 'x-amz-checksum-crc32'
const END_OF_LINE = Buffer.from('\r\n')

type Pieces = NonNullable<PartBody['pieces']>

/** The bytes of a part in frames, and their checksum behind them. */
export interface FramedBody {
  readonly pieces: () => AsyncGenerator<readonly Uint8Array[]>
  /** The CRC-32 of what was sent last. */
  readonly crc: () => number
}

export function framedBody(pieces: Pieces): FramedBody {
  let last = 0
  return {
    crc: () => last,
    pieces: async function* () {
      let crc = 0
      for await (const piece of pieces()) {
        crc = crc32(piece, crc)
        yield [Buffer.from(`${piece.byteLength.toString(16)}\r\n`), piece, END_OF_LINE]
      }
      last = crc
      yield [Buffer.from(endOf(crc))]
    },
  }
}

/** Announces frames and a trailer instead of a body with its checksum before it. */
export function withTrailer<T extends AnyCommand>(command: T, sizeBytes: number): T {
  intercept(command, 'build', (args, next) => {
    const request = args.request as PlainRequest
    if (!isProtected(request)) throw unsupported('trailers', 'nothing protects the bytes.')
    // The SDK takes the body that it does not see for an empty one.
    delete request.headers[TRAILER]
    Object.assign(request.headers, {
      'content-encoding': 'aws-chunked',
      'content-length': String(framedBytes(sizeBytes)),
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': String(sizeBytes),
      'x-amz-trailer': TRAILER,
    })
    return next(args)
  })
  return command
}

function framedBytes(sizeBytes: number): number {
  const frame = (length: number) => length.toString(16).length + length + 4
  const rest = sizeBytes % PIECE_BYTES
  const whole = Math.floor(sizeBytes / PIECE_BYTES) * frame(PIECE_BYTES)
  return whole + (rest > 0 ? frame(rest) : 0) + endOf(0).length
}

function endOf(crc: number): string {
  return `0\r\n${TRAILER}:${toBase64(crc)}\r\n\r\n`
}
