/**
 * The header that makes a browser save an answer under a name, in the form of RFC 6266: a plain ASCII name for
 * old clients and the real one in UTF-8. Folders are cut off.
 * @see https://www.rfc-editor.org/rfc/rfc6266
 */
export function contentDisposition(name: string): string {
  const base =
    name
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\p{Cc}/gu, '') || 'download'
  const ascii = base.replace(/[^\x20-\x7e]|["%\\]/g, '_')
  const encoded = encodeURIComponent(base.replace(/\p{Cs}/gu, '\ufffd')).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
