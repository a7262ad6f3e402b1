/** What a checker of regular expressions has to refuse, and how it says so. */
export const WORSE: readonly (readonly [literal: RegExp, refusal: string])[] = [
  [/##+\[/g, '2nd degree polynomial'],
  [/\/+$/, '2nd degree polynomial'],
  [/^(\d+)+$/, 'exponential'],
  [/alert (?:.*certificate|unknown ca|access denied)/, '2nd degree polynomial (fuzz)'],
  [
    /-----BEGIN (?:X509 )?CERTIFICATE-----[\s\S]+?-----END (?:X509 )?CERTIFICATE-----/g,
    '2nd degree polynomial (fuzz)'
  ]
];
