/**
 * A stand-in for the fetch Request inside HttpRequest: url, method, headers and the body readers of an ordinary request,
 * without the streams and abort signals that a real one costs (about 0.1 ms). Members that need the real thing (body,
 * formData, blob, clone) make it on first use. Source: WHATWG fetch (body consumed once), @azure/functions HttpRequest.
 */

export class LightRequest {
  bodyUsed = false;
  private real: Request | null = null;
  private headerList: Headers | null = null;

  constructor(
    readonly url: string,
    readonly method: string,
    private readonly rawHeaders: Record<string, string>,
    private readonly content: Buffer | string | null,
  ) {}

  get headers(): Headers {
    return (this.headerList ??= this.real?.headers ?? new Headers(this.rawHeaders));
  }

  get body(): unknown {
    return this.content === null ? null : this.native().body;
  }

  async text(): Promise<string> {
    if (this.real) return this.real.text();
    const content = this.consume();
    if (content === null) return '';
    const text = typeof content === 'string' ? content : content.toString('utf8');
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  async json(): Promise<unknown> {
    return this.real ? this.real.json() : JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.real) return this.real.arrayBuffer();
    const content = this.consume();
    const bytes = Buffer.from(content ?? '');
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  }

  async blob(): Promise<Blob> {
    return this.native().blob();
  }

  async formData(): Promise<FormData> {
    return this.native().formData();
  }

  clone(): LightRequest | Request {
    if (this.real) return this.real.clone();
    if (this.bodyUsed) throw new TypeError('Request.clone: Body has already been consumed.');
    return new LightRequest(this.url, this.method, Object.fromEntries(this.headers), this.content);
  }

  private consume(): Buffer | string | null {
    if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
    if (this.content !== null) this.bodyUsed = true;
    return this.content;
  }

  private native(): Request {
    if (!this.real) {
      if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
      const init: RequestInit = { method: this.method, headers: this.headers };
      if (this.content !== null)
        init.body = typeof this.content === 'string' ? this.content : new Uint8Array(this.content);
      const real = new Request(this.url, init);
      this.real = real;
      Object.defineProperty(this, 'bodyUsed', { get: () => real.bodyUsed });
    }
    return this.real;
  }
}
