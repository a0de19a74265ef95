import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A CA made by openssl, and leaves of it: the dates of an expired one need `openssl ca`. */
export async function makeCertificates(openssl: string, folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name)
  const authority = async (name: string): Promise<void> => {
    await run(openssl, [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      `/O=Test/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
    ])
  }
  await authority('corp-ca')
  await authority('foreign-ca')
  await writeFile(at('index.txt'), '')
  await writeFile(
    at('ca.conf'),
    `[ca]
default_ca = own
[own]
database = ${at('index.txt')}
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
  const leaf = async (file: string, name: string, ca: string, from: string, to: string): Promise<void> => {
    await run(openssl, [
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=DNS:${name}`,
      '-keyout',
      at(`${file}.key`),
      '-out',
      at(`${file}.csr`),
    ])
    await run(openssl, [
      'ca',
      '-batch',
      '-notext',
      '-config',
      at('ca.conf'),
      '-cert',
      at(`${ca}.pem`),
      '-keyfile',
      at(`${ca}.key`),
      '-startdate',
      from,
      '-enddate',
      to,
      '-in',
      at(`${file}.csr`),
      '-out',
      at(`${file}.pem`),
    ])
  }
  const day = (offset: number): string =>
    `${new Date(Date.now() + offset * 86_400_000).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  await leaf('good', 'app.corp.example', 'corp-ca', day(-1), day(30))
  await leaf('expired', 'app.corp.example', 'corp-ca', day(-30), day(-2))
  await leaf('wrong-name', 'portal.partner.example', 'corp-ca', day(-1), day(30))
  await leaf('foreign', 'app.corp.example', 'foreign-ca', day(-1), day(30))
}
