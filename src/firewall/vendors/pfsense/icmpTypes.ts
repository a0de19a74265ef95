/** ICMP types by pf's words (pf.conf, icmp-type and icmp6-type); numbers by IANA. */
const types4: Readonly<Record<string, number>> = {
  ...{ echorep: 0, unreach: 3, squench: 4, redir: 5, althost: 6, echoreq: 8, routeradv: 9, routersol: 10, timex: 11 },
  ...{ paramprob: 12, timereq: 13, timerep: 14, inforeq: 15, inforep: 16, maskreq: 17, maskrep: 18, trace: 30 },
  ...{
    dataconv: 31,
    mobredir: 32,
    'ipv6-where': 33,
    'ipv6-here': 34,
    mobregreq: 35,
    mobregrep: 36,
    skip: 39,
    photuris: 40,
  },
}

const types6: Readonly<Record<string, number>> = {
  ...{ unreach: 1, toobig: 2, timex: 3, paramprob: 4, echoreq: 128, echorep: 129, groupqry: 130, listqry: 130 },
  ...{
    grouprep: 131,
    listenrep: 131,
    groupterm: 132,
    listendone: 132,
    routersol: 133,
    routeradv: 134,
    neighbrsol: 135,
  },
  ...{ neighbradv: 136, redir: 137, routrrenum: 138, wrureq: 139, fqdnreq: 139, wrurep: 140, fqdnrep: 140 },
  ...{ mtraceresp: 200, mtrace: 201 },
}

/** @returns undefined for a word that is no type of the family */
export function icmpTypeOf(word: string, family: 4 | 6): number | undefined {
  if (/^\d{1,3}$/.test(word) && Number(word) <= 255) return Number(word)
  const types = family === 4 ? types4 : types6
  return Object.hasOwn(types, word) ? types[word] : undefined
}
