/** CSV in and out (formats.md, first paragraph): line ends, BOM, quotes, and the physical line of each record. */
import { readCsv, writeCsv } from '../../services/csv';

const read = (text: string) => {
  const file = readCsv(text);
  return 'error' in file ? file.error : [file.header, ...file.records.map(({ line, fields }) => [line, ...fields])];
};

describe('reading', () => {
  it.each([
    [
      '\\n',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      '\\r\\n',
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'no last line end',
      'a,b\n1,2',
      [
        ['a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'a BOM',
      '\uFEFFa,b\n1,2\n',
      [
        ['a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'a quoted comma',
      'a,b\n"1,5",2\n',
      [
        ['a', 'b'],
        [2, '1,5', '2'],
      ],
    ],
    [
      'a doubled quote',
      'a,b\n"say ""x""",2\n',
      [
        ['a', 'b'],
        [2, 'say "x"', '2'],
      ],
    ],
    [
      'a quoted line end moves the lines after it',
      'a,b\n"1\n1",2\n3,4\n',
      [
        ['a', 'b'],
        [2, '1\n1', '2'],
        [4, '3', '4'],
      ],
    ],
    [
      'a quoted \\r\\n does so too',
      'a,b\r\n"1\r\n1",2\r\n3,4\r\n',
      [
        ['a', 'b'],
        [2, '1\r\n1', '2'],
        [4, '3', '4'],
      ],
    ],
    [
      'an empty line is passed over but counted',
      'a,b\n\n1,2\n',
      [
        ['a', 'b'],
        [3, '1', '2'],
      ],
    ],
    [
      'rows of other lengths are kept for their problem to be named',
      'a,b\n1\n1,2,3\n',
      [
        ['a', 'b'],
        [2, '1'],
        [3, '1', '2', '3'],
      ],
    ],
  ])('%s', (_, text, rows) => {
    expect(read(text)).toEqual(rows);
  });

  it.each([
    ['', 'an empty file'],
    ['\n\n', 'an empty file'],
    ['a,b\n"1,2\n', expect.stringContaining('no CSV')],
  ])('%j is refused', (text, error) => {
    expect(read(text)).toEqual(error);
  });
});

describe('writing', () => {
  it('ends lines with \\n, quotes what needs it, leaves empty what is empty', () => {
    const rows = [
      { a: 1, b: 'x,y' },
      { a: null, b: undefined, c: 'left out' },
      { a: true, b: 'say "x"\nz' },
    ];
    expect(writeCsv(['a', 'b'], rows)).toBe('a,b\n1,"x,y"\n,\ntrue,"say ""x""\nz"\n');
  });

  it('of no rows is a header', () => {
    expect(writeCsv(['a', 'b'], [])).toBe('a,b\n');
  });
});
