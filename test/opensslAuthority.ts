/** What every authority of openssl needs that a test makes: a key, the books of `openssl ca`, and its dates. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Options of `openssl req` for a key of its own on P-256. */
export const ownKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const

/** A time as `openssl ca` takes it, so many days from now. */
export const daysAhead = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`

/**
 * Opens the books of an authority whose certificate and key are `ID.pem` and `ID.key` of the folder: `ID.index` has what
 * it has signed and revoked. It signs any subject with a common name, and takes the extensions of the request.
 */
export async function openBooks(folder: string, id: string): Promise<void> {
  const at = (ending: string): string => join(folder, `${id}.${ending}`)
  await writeFile(at('index'), '')
  await writeFile(at('crlnumber'), '01')
  await writeFile(
    at('conf'),
    `[ca]
default_ca = own
[own]
database = ${at('index')}
crlnumber = ${at('crlnumber')}
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
copy_extensions = copy
[anything]
commonName = supplied
`,
  )
}

/** How `openssl` is called for what that authority signs, revokes and lists. */
export const byAuthority = (folder: string, id: string): readonly string[] => [
  ...['ca', '-batch', '-notext', '-config', join(folder, `${id}.conf`)],
  ...['-cert', join(folder, `${id}.pem`), '-keyfile', join(folder, `${id}.key`)],
]
