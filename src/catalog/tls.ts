import type { Note } from './flowRow.ts'
import { pages } from './pages.ts'
import { disagreement, inferred, note } from './sourced.ts'

/** Where a fact about certificates is from; handshake captures and scripts carry no date of their own. */
interface Origin {
  readonly source: string
  /** ISO 8601 date. */
  readonly asOf?: string
}

/** A root that the chains of Microsoft's services end in. */
export interface RootRow extends Origin {
  readonly name: string
  /** Lower-case hexadecimal without separators, as are the serials below. */
  readonly serial?: string
  /** Upper-case hexadecimal without separators, as are all fingerprints here. */
  readonly sha1?: string
  readonly sha256?: string
  /** ISO 8601: a date, or a year where only that is published. */
  readonly expires?: string
  readonly status: 'current' | 'expired'
  /** The root that signed it as well, so that clients without this root still reach one that they know. */
  readonly crossSignedBy?: string
  readonly fetch?: string
  readonly crossSignedFetch?: string
}

/** A CA that issues the leaf certificates. They rotate without notice: known ones confirm, unknown ones prove nothing. */
export interface IssuingCaRow extends Origin {
  readonly name: string
  readonly serial?: string
  readonly sha1?: string
  /** The root that its chain ends in. */
  readonly root: string
  /** Its own issuer, where that is a root which `root` has cross-signed. */
  readonly through?: string
  readonly expires?: string
  /** `listed`: on the page of 2023-11. `unconfirmed`: met, but on no page. */
  readonly status: 'listed' | 'current' | 'expired' | 'unconfirmed'
  readonly fetch?: string
}

const caDetails: Origin = pages.caDetails
const caDetailsNewer: Origin = {
  source: 'https://docs.azure.cn/en-us/security/fundamentals/azure-ca-details (newer revision of the same page)',
}
const hpcScript: Origin = {
  source: 'Azure HPC image build script (pinned SHA-256), Azure VM IMDS validation script',
}
const captures: Origin = { source: 'handshake captures published 2026-08' }
const eccCaptures: Origin = { source: 'handshake captures of 2026 (02 and 06 seen); 04 and 08 from a public run-book' }
const signInCapture: Origin = { source: 'handshake capture of login.microsoftonline.com, 2026-09' }
const postgresArticle: Origin = {
  source: 'TLS article of Azure Database for PostgreSQL in MicrosoftDocs; handshake captures of 2026',
}
const unconfirmed: Origin = {
  source: 'in neither the 2022-04-28 nor the 2023-11-27 revision of azure-CA-details.md; origin not found',
}

/** The roots; no thumbprint of Microsoft TLS ECC Root G2 has been published. */
export const rootRows: readonly RootRow[] = [
  {
    name: 'DigiCert Global Root CA',
    serial: '083be056904246b1a1756ac95991c74a',
    sha1: 'A8985D3A65E5E5C4B2D7D66D40C6DD2FB19C5436',
    expires: '2031-11-10',
    status: 'current',
    ...caDetails,
  },
  {
    name: 'DigiCert Global Root G2',
    serial: '033af1e6a711a9a0bb2864b11d09fae5',
    sha1: 'DF3C24F9BFD666761B268073FE06D1CC8D4F82A4',
    expires: '2038-01-15',
    status: 'current',
    ...caDetails,
  },
  {
    name: 'DigiCert Global Root G3',
    serial: '055556bcf25ea43535c3a40fd5ab4572',
    sha1: '7E04DE896A3E666D00E687D33FFAD93BE83D349E',
    expires: '2038-01-15',
    status: 'current',
    ...caDetails,
  },
  {
    name: 'Microsoft RSA Root Certificate Authority 2017',
    serial: '1ed397095fd8b4b347701eaabe7f45b3',
    sha1: '73A5E64A3BFF8316FF0EDCCC618A906E4EAE4D74',
    expires: '2042-07-18',
    status: 'current',
    ...caDetails,
  },
  {
    name: 'Microsoft ECC Root Certificate Authority 2017',
    serial: '66f23daf87de8bb14aea0c573101c2ec',
    sha1: '999A64C37FF47D9FAB95F14769891460EEC4C3C5',
    expires: '2042-07-18',
    status: 'current',
    ...caDetails,
  },
  {
    name: 'Baltimore CyberTrust Root',
    serial: '020000b9',
    sha1: 'D4DE20D05E66FC53FE1A50882C78DB2852CAE474',
    expires: '2025-05-12',
    status: 'expired',
    ...caDetails,
  },
  {
    name: 'DigiCert TLS ECC P384 Root G5',
    serial: '09e09365acf7d9c8b93e1c0b042a2ef3',
    sha1: '17F3DE5E9F0F19E98EF61F32266E20C407AE30EE',
    status: 'current',
    ...caDetailsNewer,
  },
  {
    name: 'DigiCert TLS RSA 4096 Root G5',
    serial: '08f9b478a8fa7eda6a333789de7ccf8a',
    sha1: 'A78849DC5D7C758C8CDE399856B3AAD0B2A57135',
    status: 'current',
    ...caDetailsNewer,
  },
  {
    name: 'Entrust Root Certification Authority - G2',
    serial: '4a538c28',
    sha1: '8CF427FD790C3AD166068DE81E57EFBB932272D4',
    status: 'current',
    ...caDetailsNewer,
  },
  {
    name: 'Microsoft TLS RSA Root G2',
    sha256: '6A170583DB584151E1C454EECA2A64CC5D8E484A5BD1156E720B4458654EE9E5',
    expires: '2040',
    status: 'current',
    crossSignedBy: 'DigiCert Global Root G2',
    fetch: 'http://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20RSA%20Root%20G2.crt',
    crossSignedFetch: 'http://caissuers.microsoft.com/pkiops/certs/Microsoft%20TLS%20RSA%20Root%20G2%20-%20xsign.crt',
    ...hpcScript,
  },
  {
    name: 'Microsoft TLS ECC Root G2',
    status: 'current',
    crossSignedBy: 'DigiCert Global Root G3',
    ...captures,
  },
]

type Ca = Pick<IssuingCaRow, 'name' | 'serial' | 'sha1' | 'fetch'>

function ca(name: string, serial: string, sha1: string): Ca {
  return { name, serial, sha1 }
}

function under(of: Omit<IssuingCaRow, keyof Ca>, cas: readonly Ca[]): IssuingCaRow[] {
  return cas.map((row) => ({ ...of, ...row }))
}

/** The issuing CAs, grouped by the root they lead to. */
export const issuingCaRows: readonly IssuingCaRow[] = [
  ...under({ root: 'DigiCert Global Root CA', status: 'listed', ...caDetails }, [
    ca('DigiCert Basic RSA CN CA G2', '02f7e1f982bad009aff47dc95741b2f6', '4D1FA5D1FB1AC3917C08E43F65015E6AEA571179'),
    ca('DigiCert Cloud Services CA-1', '019ec1c6bd3f597bb20c3338e551d877', '81B68D6CD2F221F8F534E677523BB236BBA1DC56'),
    ca(
      'DigiCert SHA2 Secure Server CA',
      '02742eaa17ca8e21c717bb1ffcfd0ca0',
      '626D44E704D1CEABE3BF0D53397464AC8080142C',
    ),
    ca(
      'DigiCert TLS Hybrid ECC SHA384 2020 CA1',
      '0a275fe704d6eecb23d5cd5b4b1a4e04',
      '51E39A8BDB08878C52D6186588A0FA266A69CF28',
    ),
    ca(
      'DigiCert TLS RSA SHA256 2020 CA1',
      '06d8d904d5584346f68a2fa754227ec4',
      '1C58A3A8518E8759BF075B76B750D4F2DF264FCD',
    ),
    ca(
      'GeoTrust Global TLS RSA4096 SHA256 2022 CA1',
      '0f622f6f21c2ff5d521f723a1d47d62d',
      '7E6DB7B7584D8CF2003E0931E6CFC41A3A62D3DF',
    ),
  ]),
  ...under({ root: 'DigiCert Global Root CA', status: 'unconfirmed', ...unconfirmed }, [
    ca('DigiCert Cloud Services CA-1', '0f171a48c6f223809218cd2ed6ddc0e8', 'B3F6B64A07BB9611F47174407841F564FB991F29'),
  ]),
  ...under({ root: 'DigiCert Global Root G3', status: 'listed', ...caDetails }, [
    ca(
      'Microsoft Azure ECC TLS Issuing CA 03',
      '01529ee8368f0b5d72ba433e2d8ea62d',
      '56D955C849887874AA1767810366D90ADF6C8536',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 04',
      '02393d48d702425a7cb41c000b0ed7ca',
      'FB73FDC24F06998E070A06B6AFC78FDF2A155B25',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 07',
      '0f1f157582cdcd33734bdc5fcd941a33',
      '3BE6CA5856E3B9709056DA51F32CBC8970A83E28',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 08',
      '0ef2e5d83681520255e92c608fbc2ff4',
      '716DF84638AC8E6EEBE64416C8DD38C2A25F6630',
    ),
  ]),
  ...under({ root: 'Microsoft ECC Root Certificate Authority 2017', status: 'listed', ...caDetails }, [
    ca(
      'Microsoft Azure ECC TLS Issuing CA 03',
      '330000003322a2579b5e698bcc000000000033',
      '91503BE7BF74E2A10AA078B48B71C3477175FEC3',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 04',
      '33000000322164aedab61f509d000000000032',
      '406E3B38EFF35A727F276FE993590B70F8224AED',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 07',
      '3300000034c732435db22a0a2b000000000034',
      'AB3490B7E37B3A8A1E715036522AB42652C3CFFE',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 08',
      '3300000031526979844798bbb8000000000031',
      'CF33D5A1C2F0355B207FCE940026E6C1580067FD',
    ),
    ca(
      'Microsoft ECC TLS Issuing AOC CA 01',
      '33000000282bfd23e7d1add707000000000028',
      '30AB5C33EB4B77D4CBFF00A11EE0A7507D9DD316',
    ),
    ca(
      'Microsoft ECC TLS Issuing AOC CA 02',
      '33000000290f8a6222ef6a5695000000000029',
      '3709CD92105D074349D00EA8327F7D5303D729C8',
    ),
    ca(
      'Microsoft ECC TLS Issuing EOC CA 01',
      '330000002a2d006485fdacbfeb00000000002a',
      '5FA13B879B2AD1B12E69D476E6CAD90D01013B46',
    ),
    ca(
      'Microsoft ECC TLS Issuing EOC CA 02',
      '330000002be6902838672b667900000000002b',
      '58A1D8B1056571D32BE6A7C77ED27F73081D6E7A',
    ),
  ]),
  ...under({ root: 'DigiCert Global Root G2', status: 'listed', ...caDetails }, [
    ca(
      'Microsoft Azure RSA TLS Issuing CA 03',
      '05196526449a5e3d1a38748f5dcfebcc',
      'F9388EA2C9B7D632B66A2B0B406DF1D37D3901F6',
    ),
    ca(
      'Microsoft Azure RSA TLS Issuing CA 04',
      '09f96ec295555f24749eaf1e5dced49d',
      'BE68D0ADAA2345B48E507320B695D386080E5B25',
    ),
    ca(
      'Microsoft Azure RSA TLS Issuing CA 07',
      '0a43a9509b01352f899579ec7208ba50',
      '3382517058A0C20228D598EE7501B61256A76442',
    ),
    ca(
      'Microsoft Azure RSA TLS Issuing CA 08',
      '0efb7e547edf0ff1069aee57696d7ba0',
      '31600991ED5FEC63D355A5484A6DCC787EAD89BC',
    ),
  ]),
  ...under({ root: 'Microsoft RSA Root Certificate Authority 2017', status: 'listed', ...caDetails }, [
    ca(
      'Microsoft Azure RSA TLS Issuing CA 03',
      '330000003968ea517d8a7e30ce000000000039',
      '37461AACFA5970F7F2D2BAC5A659B53B72541C68',
    ),
    ca(
      'Microsoft Azure RSA TLS Issuing CA 04',
      '330000003cd7cb44ee579961d000000000003c',
      '7304022CA8A9FF7E3E0C1242E0110E643822C45E',
    ),
    ca(
      'Microsoft Azure RSA TLS Issuing CA 07',
      '330000003bf980b0c83783431700000000003b',
      '0E5F41B697DAADD808BF55AD080350A2A5DFCA93',
    ),
    ca(
      'Microsoft Azure RSA TLS Issuing CA 08',
      '330000003a5dc2ffc321c16d9b00000000003a',
      '512C8F3FB71EDACF7ADA490402E710B10C73026E',
    ),
    ca(
      'Microsoft RSA TLS Issuing AOC CA 01',
      '330000002ffaf06f6697e2469c00000000002f',
      '4697FDBED95739B457B347056F8F16A975BAF8EE',
    ),
    ca(
      'Microsoft RSA TLS Issuing AOC CA 02',
      '3300000030c756cc88f5c1e7eb000000000030',
      '90ED2E9CB40D0CB49A20651033086B1EA2F76E0E',
    ),
    ca(
      'Microsoft RSA TLS Issuing EOC CA 01',
      '33000000310c4914b18c8f339a000000000031',
      'A04D3750DEBFCCF1259D553DBEC33162C6B42737',
    ),
    ca(
      'Microsoft RSA TLS Issuing EOC CA 02',
      '3300000032444d7521341496a9000000000032',
      '697C6404399CC4E7BB3C0D4A8328B71DD3205563',
    ),
  ]),
  ...under({ root: 'DigiCert Global Root G2', status: 'expired', expires: '2024-06-27', ...caDetails }, [
    ca(
      'Microsoft Azure TLS Issuing CA 01',
      '0aafa6c5ca63c45141ea3be1f7c75317',
      '2F2877C5D778C31E0F29C7E371DF5471BD673173',
    ),
    ca(
      'Microsoft Azure TLS Issuing CA 02',
      '0c6ae97cced599838690a00a9ea53214',
      'E7EEA674CA718E3BEFD90858E09F8372AD0AE2AA',
    ),
    ca(
      'Microsoft Azure TLS Issuing CA 05',
      '0d7bede97d8209967a52631b8bdd18bd',
      '6C3AF02E7F269AA73AFD0EFF2A88A4A1F04ED1E5',
    ),
    ca(
      'Microsoft Azure TLS Issuing CA 06',
      '02e79171fb8021e93fe2d983834c50c0',
      '30E01761AB97E59A06B41EF20AF6F2DE7EF4F7B0',
    ),
  ]),
  ...under(
    { root: 'Microsoft RSA Root Certificate Authority 2017', status: 'expired', expires: '2024-06-27', ...caDetails },
    [
      ca(
        'Microsoft Azure TLS Issuing CA 01',
        '1dbe9496f3db8b8de700000000001d',
        'B9ED88EB05C15C79639493016200FDAB08137AF3',
      ),
      ca(
        'Microsoft Azure TLS Issuing CA 02',
        '330000001ec6749f058517b4d000000000001e',
        'C5FB956A0E7672E9857B402008E7CCAD031F9B08',
      ),
      ca(
        'Microsoft Azure TLS Issuing CA 05',
        '330000001f9f1fa2043bc28db900000000001f',
        '56F1CA470BB94E274B516A330494C792C419CF87',
      ),
      ca(
        'Microsoft Azure TLS Issuing CA 06',
        '3300000020a2f1491a37fbd31f000000000020',
        '8F1FD57F27C828D7BE29743B4D02CD7E6E5F43E6',
      ),
    ],
  ),
  ...under({ root: 'DigiCert Global Root G3', status: 'expired', expires: '2024-06-27', ...caDetails }, [
    ca(
      'Microsoft Azure ECC TLS Issuing CA 01',
      '09dc42a5f574ff3a389ee06d5d4de440',
      '92503D0D74A7D3708197B6EE13082D52117A6AB0',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 02',
      '0e8dbe5ea610e6cbb569c736f6d7004b',
      '1E981CCDDC69102A45C6693EE84389C3CF2329F1',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 05',
      '0ce59c30fd7a83532e2d0146b332f965',
      'C6363570AF8303CDF31C1D5AD81E19DBFE172531',
    ),
    ca(
      'Microsoft Azure ECC TLS Issuing CA 06',
      '066e79cd7624c63130c77abeb6a8bb94',
      '7365ADAEDFEA4909C1BAADBAB68719AD0C381163',
    ),
  ]),
  ...under({ root: 'Baltimore CyberTrust Root', status: 'expired', expires: '2024-10-08', ...caDetails }, [
    ca('Microsoft RSA TLS CA 01', '0f14965f202069994fd5c7ac788941e2', '703D7A8F0EBF55AAA59F98EAF4A206004EB2516A'),
    ca('Microsoft RSA TLS CA 02', '0fa74722c53d88c80f589efb1f9d4a3a', 'B0C2D2D13CDD56CDAA6AB6E2C04440BE4A429C75'),
  ]),
  ...under(
    { root: 'Microsoft ECC Root Certificate Authority 2017', status: 'expired', expires: '2024-06-27', ...caDetails },
    [
      ca(
        'Microsoft Azure ECC TLS Issuing CA 01',
        '330000001aa9564f44321c54b900000000001a',
        'CDA57423EC5E7192901CA1BF6169DBE48E8D1268',
      ),
      ca(
        'Microsoft Azure ECC TLS Issuing CA 02',
        '330000001b498d6736ed5612c200000000001b',
        '489FF5765030EB28342477693EB183A4DED4D2A6',
      ),
      ca(
        'Microsoft Azure ECC TLS Issuing CA 05',
        '330000001cc0d2a3cd78cf2c1000000000001c',
        '4C15BC8D7AA5089A84F2AC4750F040D064040CD4',
      ),
      ca(
        'Microsoft Azure ECC TLS Issuing CA 06',
        '330000001d0913c309da3f05a600000000001d',
        'DFEB65E575D03D0CC59FD60066C6D39421E65483',
      ),
    ],
  ),
  ...under({ root: 'DigiCert Global Root CA', status: 'expired', expires: '2023-05-31', ...caDetails }, [
    ca(
      'GeoTrust TLS DV RSA Mixed SHA256 2020 CA-1',
      '0c08966535b942a9735265e4f97540bc',
      '2F7AA2D86056A8775796F798C481A079E538E004',
    ),
  ]),
  ...under(
    { root: 'DigiCert Global Root G2', through: 'Microsoft TLS RSA Root G2', status: 'current', ...postgresArticle },
    [
      {
        name: 'Microsoft TLS G2 RSA CA OCSP 02',
        fetch: 'https://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20RSA%20CA%20OCSP%2002.crt',
      },
      {
        name: 'Microsoft TLS G2 RSA CA OCSP 04',
        fetch: 'https://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20RSA%20CA%20OCSP%2004.crt',
      },
      {
        name: 'Microsoft TLS G2 RSA CA OCSP 06',
        fetch: 'https://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20RSA%20CA%20OCSP%2006.crt',
      },
      {
        name: 'Microsoft TLS G2 RSA CA OCSP 08',
        fetch: 'https://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20RSA%20CA%20OCSP%2008.crt',
      },
      {
        name: 'Microsoft TLS G2 RSA CA OCSP 10',
        fetch: 'https://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20RSA%20CA%20OCSP%2010.crt',
      },
      {
        name: 'Microsoft TLS G2 RSA CA OCSP 12',
        fetch: 'https://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20RSA%20CA%20OCSP%2012.crt',
      },
      {
        name: 'Microsoft TLS G2 RSA CA OCSP 14',
        fetch: 'https://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20RSA%20CA%20OCSP%2014.crt',
      },
      {
        name: 'Microsoft TLS G2 RSA CA OCSP 16',
        fetch: 'https://www.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20RSA%20CA%20OCSP%2016.crt',
      },
    ],
  ),
  ...under(
    { root: 'DigiCert Global Root G3', through: 'Microsoft TLS ECC Root G2', status: 'current', ...eccCaptures },
    [
      { name: 'Microsoft TLS G2 ECC CA OCSP 02' },
      { name: 'Microsoft TLS G2 ECC CA OCSP 04' },
      { name: 'Microsoft TLS G2 ECC CA OCSP 06' },
      { name: 'Microsoft TLS G2 ECC CA OCSP 08' },
    ],
  ),
  ...under({ root: 'DigiCert Global Root G2', status: 'current', ...signInCapture }, [
    { name: 'DigiCert Global G2 TLS RSA SHA256 2020 CA1' },
  ]),
]

/** What the common names of those CAs look like, for the ones that the table does not have yet. */
export const issuerNamePatterns: readonly RegExp[] = [
  /^Microsoft TLS G2 (RSA|ECC) CA OCSP \d{2}$/,
  /^Microsoft Azure (RSA |ECC )?TLS Issuing CA \d{2}$/,
  /^Microsoft (RSA|ECC) TLS Issuing (AOC|EOC) CA \d{2}$/,
  /^DigiCert (Global G2 TLS RSA SHA256 2020 CA1|SHA2 Secure Server CA|TLS RSA SHA256 2020 CA1|TLS Hybrid ECC SHA384 2020 CA1|Basic RSA CN CA G2|Cloud Services CA-1)$/,
  /^GeoTrust Global TLS RSA4096 SHA256 2022 CA1$/,
]

/** A chain that was seen in public, to compare with. */
export interface ObservedChain {
  readonly host: string
  /** ISO 8601, a month where no day is known. */
  readonly seen: string
  readonly subjectCN?: string
  readonly issuerCN: string
  readonly issuerO?: string
  readonly notBefore?: string
  readonly notAfter?: string
  readonly subjectAltNames?: readonly string[]
  readonly tls?: string
  /** Common names, the leaf first, where the whole chain was published. */
  readonly chain?: readonly string[]
}

export const observedChains: readonly ObservedChain[] = [
  {
    host: 'login.microsoftonline.com',
    seen: '2026-09',
    subjectCN: 'stamp2.login.microsoftonline.com',
    issuerCN: 'DigiCert Global G2 TLS RSA SHA256 2020 CA1',
    issuerO: 'DigiCert Inc',
    notBefore: '2026-08-13',
    notAfter: '2026-11-21',
    subjectAltNames: [
      'stamp2.login.microsoftonline.com',
      'login.microsoftonline-int.com',
      'login.microsoftonline-p.com',
    ],
    tls: 'TLSv1.3',
  },
  {
    host: 'enterpriseregistration.windows.net',
    seen: '2026-05',
    subjectCN: 'enterpriseregistration.windows.net',
    issuerCN: 'Microsoft TLS G2 RSA CA OCSP 04',
    notBefore: '2026-05-18',
    notAfter: '2026-11-14',
  },
  {
    host: 'manage.microsoft.com (regional)',
    seen: '2026-04',
    issuerCN: 'Microsoft TLS G2 RSA CA OCSP 16',
    notBefore: '2026-04-24',
    notAfter: '2026-10-21',
  },
  {
    host: 'Azure Front Door (azurefd.net, azureedge.net)',
    seen: '2026-08-03',
    issuerCN: 'Microsoft TLS G2 ECC CA OCSP 02 / 06',
    tls: 'TLSv1.3',
  },
  {
    host: 'learn.microsoft.com',
    seen: '2026-08-10',
    issuerCN: 'Microsoft TLS G2 ECC CA OCSP 02',
    chain: [
      'learn.microsoft.com',
      'Microsoft TLS G2 ECC CA OCSP 02',
      'Microsoft TLS ECC Root G2',
      'DigiCert Global Root G3',
    ],
  },
]

/** Where revocation lists, OCSP answers and issuer certificates are fetched, all on plain HTTP. */
export const revocationHosts = {
  port: 80,
  aia: [
    'cacerts.digicert.com',
    'cacerts.digicert.cn',
    'cacerts.geotrust.com',
    'caissuers.microsoft.com',
    'www.microsoft.com',
  ],
  crl: [
    'crl.microsoft.com',
    'crl3.digicert.com',
    'crl4.digicert.com',
    'crl.digicert.cn',
    'cdp.geotrust.com',
    'mscrl.microsoft.com',
    'www.microsoft.com',
  ],
  ocsp: ['ocsp.msocsp.com', 'ocsp.digicert.com', 'ocsp.digicert.cn', 'oneocsp.microsoft.com', 'status.geotrust.com'],
  rootListUpdate: ['ctldl.windowsupdate.com'],
  notes: [
    inferred('caissuers.microsoft.com comes from a Microsoft validation script, not from the 2023 page.'),
    note(
      'Pages for single products name other subsets; www.d-trust.net and root-c3-ca2-2009.ocsp.d-trust.net occur only on PTA and Connect pages.',
    ),
  ],
  ...pages.caDetails,
} as const satisfies Origin & { readonly port: number; readonly notes: readonly Note[] } & Readonly<
    Record<'aia' | 'crl' | 'ocsp' | 'rootListUpdate', readonly string[]>
  >

/** What a SCIM address that Entra ID calls must offer. */
export const scimServerRequirements = {
  versions: ['TLSv1.2'],
  rsaBits: 2048,
  eccBits: 256,
  /** In the order that the page wants. */
  cipherSuites: [
    'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384',
    'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384',
  ],
  notes: [note('TLS 1.2 is the only version that the page accepts; it also names the accepted root CA owners.')],
  ...pages.scim,
} as const

/** The lowest TLS version that Microsoft's services accept. */
export const tlsMinimum = 'TLSv1.2'

const strongCrypto = { SystemDefaultTlsVersions: 1, SchUseStrongCrypto: 1 }
const switchedOn = { Enabled: 1, DisabledByDefault: 0 }

/** The registry values that make .NET and Schannel on a Connect server use TLS 1.2. */
export const windowsTls12 = {
  registry: [
    { key: 'HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319', values: strongCrypto },
    { key: 'HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\.NETFramework\\v4.0.30319', values: strongCrypto },
    {
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client',
      values: switchedOn,
    },
    {
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Server',
      values: switchedOn,
    },
  ],
  notes: [
    disagreement(
      'Demanded by the installer for versions 2.3.20.0 to 2.4.129.0 only; 2.4.131.0 and later do not check. The prerequisites page (2025-09-29) says otherwise: from 2.0 on, installation fails without TLS 1.2.',
    ),
  ],
  ...pages.tlsEnforcement,
} as const

/** How a genuine chain is told from an intercepted one, and what must not be mistaken for interception. */
export const chainRule = {
  genuine:
    'the leaf verifies to one of the published roots, by certificates that were sent or fetched by AIA, and its issuing CA is known or issued by a known root',
  intercepted:
    'the chain ends in a root outside the list that is not publicly trusted either, or the issuer carries the sign of an inspection product, or subject and SANs are copied while serial and issuer differ from another vantage point',
  cannotKnow: 'anything else',
  traps: [
    'Some Microsoft front ends omit the cross-signed "Microsoft TLS RSA Root G2" certificate. A client without that self-signed root then reports "unable to get local issuer certificate" (openssl error 20). That is an incomplete chain, not interception.',
    'A customer-named inspection CA carries no vendor word at all; a name list alone gives false negatives.',
    'Do not pin issuing CAs: they rotate without notice and leaf lifetimes are down to about 100 days.',
    'An unknown but publicly trusted root is a change at Microsoft, not proof of interception: report as unknown, with the chain.',
    'Presenting a client certificate (connectors, device.login, WAP trust, certauth) fails under inspection even where the inspection CA is trusted.',
    'Behind an explicit proxy, a CONNECT answer other than 200 is a proxy verdict, not TLS.',
  ],
} as const
