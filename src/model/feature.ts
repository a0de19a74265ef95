/** What a site can have switched on; each flow row of the catalog says which of these calls for it. */
export const features = [
  'password-hash-sync',
  'seamless-sso',
  'pass-through-auth',
  'password-writeback',
  'connect-health',
  'ad-fs',
  'certificate-auth',
  'cloud-sync',
  'application-proxy',
  'password-protection',
  'hybrid-join',
  'group-writeback',
  'ldaps',
  'remote-sql',
  'ecma',
  'scim',
  'own-app',
] as const
export type Feature = (typeof features)[number]
