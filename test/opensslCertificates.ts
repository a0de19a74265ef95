import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { byAuthority, daysAhead, openBooks, ownKey } from './opensslAuthority.ts'

const run = promisify(execFile)

/** First and last day from now: the dates of an expired one need `openssl ca`. */
const leaves = [
  { id: 'good', name: 'app.corp.example', by: 'corp-ca', days: [-1, 30] },
  { id: 'expired', name: 'app.corp.example', by: 'corp-ca', days: [-30, -2] },
  { id: 'wrong-name', name: 'portal.partner.example', by: 'corp-ca', days: [-1, 30] },
  { id: 'foreign', name: 'app.corp.example', by: 'foreign-ca', days: [-1, 30] },
] as const

/** Makes `ID.pem` and `ID.key` of two authorities and of leaves of theirs, in the folder. */
export async function makeCertificates(openssl: string, folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name)
  for (const id of ['corp-ca', 'foreign-ca']) {
    const files = ['-keyout', at(`${id}.key`), '-out', at(`${id}.pem`)]
    await run(openssl, ['req', '-x509', ...ownKey, '-days', '30', '-subj', `/O=Test/CN=${id}`, ...files])
    await openBooks(folder, id)
  }
  for (const { id, name, by, days } of leaves) {
    const wish = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
    await run(openssl, ['req', ...ownKey, ...wish, '-keyout', at(`${id}.key`), '-out', at(`${id}.csr`)])
    const dates = ['-startdate', daysAhead(days[0]), '-enddate', daysAhead(days[1])]
    const files = ['-in', at(`${id}.csr`), '-out', at(`${id}.pem`)]
    await run(openssl, [...byAuthority(folder, by), ...dates, ...files])
  }
}
