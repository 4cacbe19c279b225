export const USAGE = `mortise-segments <command> [options]

Commands
  upload    add the payloads on standard input, one JSON object a line, to the day's file
  compact   fold what waits in the journal into the day's file
  verify    read the day's file and say whether it is whole
  stats     what is in the day's file

Options
  --bucket NAME         the bucket; or --config
  --endpoint URL        another store than AWS, addressed path style
  --region NAME         default us-east-1
  --prefix TEXT         put before the file name
  --config FILE         the plugin's configuration as JSON, instead of what names a bucket
  --time-zone NAME      whose midnight begins a new file; default UTC
  --file-name TEXT      {date} stands for the day; default {date}_segments.json
  --day YYYY-MM-DD      default today (compact, verify, stats)
  --file PATH           a file on this machine instead of a bucket (verify, stats)
  --format NAME         json (default) or ndjson
  --compression NAME    none (default) or gzip
  --mode NAME           append (default) or upsert (upload, compact)
  --delivery NAME       direct (default) or journal (upload)
  --key-field NAME      the field of a payload that is its idempotency key (upload)
  --time-field NAME     the field that says when it happened, for its day: ISO 8601 with a zone,
                        or milliseconds since 1970; default now (upload)
  --json                one JSON object on standard output
  --help, --version

The environment gives the credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.

Exit codes
  0  done                                1  something was refused or is not whole
  2  the command line is wrong           3  the store could not be used
  130  interrupted; what was read before is in the file (upload)
`
