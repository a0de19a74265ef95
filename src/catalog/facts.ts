import type { Fact } from '../model/site.ts'

/** A question about the site that decides some rows, and what is assumed while nobody has answered it. */
export interface FactRow {
  readonly question: string
  readonly default: boolean | 'unknown'
  /** What of the site file answers it, when the file does not answer it in so many words. */
  readonly derivedFrom?: string
}

export const factRows: Readonly<Record<Fact, FactRow>> = {
  'wizard-manages-ad-fs': {
    question: 'Does the Entra Connect wizard install or manage the AD FS and WAP servers?',
    default: 'unknown',
  },
  'filter-by-address-only': {
    question: 'Can the firewall towards the internet allow addresses only, and no names?',
    default: false,
  },
  'outbound-proxy': {
    question: 'Does the host reach the internet through an outgoing HTTP proxy?',
    default: 'unknown',
    derivedFrom: 'used-by of the proxies',
  },
  wpad: {
    question: 'Do the connectors find their proxy by WPAD?',
    default: false,
  },
  'static-rpc-port': {
    question: 'Has the Password Protection proxy service been given a fixed RPC port?',
    default: false,
  },
  'multi-domain-forest': {
    question: 'Does the forest have more than one domain?',
    default: 'unknown',
    derivedFrom: 'a forest that is named after another domain has at least two',
  },
  'time-from-ad': {
    question: 'Do the members take their time from the domain controllers?',
    default: true,
  },
  'password-change-from-members': {
    question: 'Are passwords changed on the members themselves?',
    default: true,
  },
  'ad-powershell': {
    question: 'Is the Active Directory module of PowerShell used from the members?',
    default: 'unknown',
  },
  'ad-fs-farm': {
    question: 'Is AD FS a farm of several nodes with the Windows Internal Database?',
    default: 'unknown',
    derivedFrom: 'the number of hosts with the role adfs',
  },
  'ad-fs-on-sql': {
    question: 'Does AD FS keep its configuration in SQL Server?',
    default: 'unknown',
  },
  'ad-fs-2012r2': {
    question: 'Does AD FS run on Windows Server 2012 R2?',
    default: false,
  },
  'certauth-on-443': {
    question: 'Is certificate authentication bound to certauth.<federation name> on port 443?',
    default: 'unknown',
  },
  'constrained-delegation': {
    question: 'Does a published app sign users in by Kerberos constrained delegation?',
    default: 'unknown',
  },
  'installer-has-mfa': {
    question: 'Must the administrator who runs the Connect wizard pass multifactor authentication?',
    default: true,
  },
  'groups-overage': {
    question: 'Can users of the own app be in more groups than a token holds, or does the app look up profiles?',
    default: 'unknown',
  },
  'old-health-agent': {
    question: 'Is a Connect Health agent of an old version still in use?',
    default: false,
  },
  'old-connector-build': {
    question: 'Is a very old build of the authentication agent or connector still in use?',
    default: false,
  },
}
