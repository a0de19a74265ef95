import type { ServerResponse } from 'node:http'

/** A small web page. The texts are the lab's own and hold nothing that HTML would read as markup. */
export function sendPage(response: ServerResponse, status: number, title: string, says: string): void {
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>${says}</p></body></html>
`
  response
    .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(page) })
    .end(page)
}
