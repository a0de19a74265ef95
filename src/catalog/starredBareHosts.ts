/**
 * Hosts that the connectivity page writes with a leading star although the host itself is meant: `*.crl3.digicert.com`
 * stands there for `crl3.digicert.com`, so both forms match. `*.verisign.com`, `*.entrust.net` and `*.digicert.cn` on the
 * same page are whole domains, whose bare names serve no revocation list.
 *
 * Source: MicrosoftDocs/entra-docs, tshoot-connect-connectivity.md (2023-01-19); the PTA quick start names the same
 * hosts without the star.
 */
export const starredBareHosts: ReadonlySet<string> = new Set([
  'crl3.digicert.com',
  'crl4.digicert.com',
  'ocsp.digicert.com',
  'www.d-trust.net',
  'root-c3-ca2-2009.ocsp.d-trust.net',
  'crl.microsoft.com',
  'oneocsp.microsoft.com',
  'ocsp.msocsp.com',
])
