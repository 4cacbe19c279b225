/**
 * Where an API is, without a slash at its end.
 *
 * @throws {TypeError} at once when it is no http or https address: some platforms want their token in the path,
 * and a path that cannot be built would show it in an error.
 */
export function baseUrlOf(url: string, option = 'baseUrl'): string {
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url)) {
    throw new TypeError(
      `\`${option}\` must be an address that begins with https:// (or http://), got ${JSON.stringify(url)}`,
    )
  }
  const { username, password, search, hash } = new URL(url)
  if (username || password || search || hash) {
    throw new TypeError(`\`${option}\` must hold no user, password, query or fragment`)
  }
  return url.replace(/\/+$/, '')
}
