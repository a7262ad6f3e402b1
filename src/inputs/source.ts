/** Where inputs come from. */
export interface InputSource {
  /** An input's trimmed text, empty when left out. */
  readonly get: (name: string) => string;
  /** Masks a secret in the log. */
  readonly mask: (secret: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A source that remembers what it masked. */
export interface MaskingSource extends InputSource {
  readonly secrets: readonly string[];
}

const SECRET_INPUTS = ['private-key', 'client-key', 'client-key-passphrase', 'github-token'];

/** Masks what is a secret by its name, before anything else: what is reported may quote an input. */
export function withMaskedSecrets(source: InputSource): MaskingSource {
  const secrets: string[] = [];
  const mask = (secret: string): void => {
    secrets.push(secret);
    source.mask(secret);
  };
  const named = SECRET_INPUTS.map(source.get);
  [...named, ...proxyPasswords(source.env)].filter((secret) => secret !== '').forEach(mask);
  return { ...source, mask, secrets };
}

function proxyPasswords(env: InputSource['env']): string[] {
  return ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].flatMap((name) => {
    const password = /^(?:\w+:\/\/)?[^/:]*:([^/]*)@/.exec(env[name] ?? '')?.[1] ?? '';
    return [password, decodeURIComponentOrNot(password)];
  });
}

function decodeURIComponentOrNot(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
