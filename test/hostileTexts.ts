/** Text as an attacker would have it on the network: markup, quotes, escape sequences, reordering, formulas, length. */
export const hostileTexts: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE flows; --",
  '</style></title></details></svg><b>out</b>',
  '&lt;script&gt; &#x3c;',
  '\u001b[2J\u001b[31mred\u001b]0;title\u0007',
  '\u009b31m',
  'evil\u202egnp.exe\u2066\u200f\u{e0041}',
  '=HYPERLINK("http://evil.example","x")',
  '| a | b |\n# heading\r\n- [x](javascript:alert(1)) ![y](http://evil.example/z) `code`',
  'line\u2028separator\0nul',
  'x'.repeat(10_240),
  '\ud800 lone surrogate',
]
