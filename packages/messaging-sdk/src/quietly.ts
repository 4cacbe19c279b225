/** A listener whose own failure is nobody else's. */
export function quietly(
  listener: ((error: unknown) => void) | undefined,
): (error: unknown) => void {
  return (error) => {
    try {
      listener?.(error)
    } catch {
      // told is told
    }
  }
}
