/** Where Entra ID sends browsers back to, below the gate's own origin. */
export const callbackPath = '/.postern/callback'

/**
 * The redirect URI of a gate, letter by letter as it has to be registered: Entra ID compares path and port as they stand.
 * https://learn.microsoft.com/entra/identity-platform/reply-url
 *
 * @param origin `https://host:port`
 */
export function redirectUriOf(origin: string): string {
  return `${origin}${callbackPath}`
}
