/** What happened besides the answers: for logs and alarms. */
export interface LocalDiagnostic {
  /**
   * - `SEGMENTS_LOG_DAMAGED`: a file of the log was damaged by something other than a crash; what could be read goes on.
   * - `SEGMENTS_UPLOAD_FAILED`: an event could not be sent now; it stays in the log and is tried again.
   */
  readonly code: 'SEGMENTS_LOG_DAMAGED' | 'SEGMENTS_UPLOAD_FAILED'
  readonly message: string
}
