/**
 * German words that people mix into a request, as the table knows them. A sentence counts as mixed when it holds one of
 * them that is no English word (`shared`): then `was` is `what`.
 */
const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ bitte: 'please', mal: '', doch: '', denn: '', eigentlich: '', gerade: 'now', jetzt: 'now', schon: 'already' },
    ...{ danke: 'thanks', dankeschoen: 'thanks', vielen: 'many', dank: 'thanks', servus: 'hello', tschuess: 'bye' },
    ...{ guten: 'good', tag: 'day', abend: 'evening', moin: 'hello', hallo: 'hello', hilfe: 'help', hilf: 'help' },
    ...{ ich: 'i', mir: 'me', mich: 'me', mein: 'my', meine: 'my', meinen: 'my', du: 'you', dir: 'you', dich: 'you' },
    ...{ wir: 'we', uns: 'us', unser: 'our', unsere: 'our', unserer: 'our', unseren: 'our', euch: 'you', ihr: 'you' },
    ...{ wer: 'who', wen: 'who', wem: 'who', wie: 'how', wo: 'where', wann: 'when', warum: 'why', wieso: 'why' },
    ...{ was: 'what', welche: 'which', welcher: 'which', welches: 'which', welchen: 'which', wieviel: 'how much' },
    ...{ viele: 'many', viel: 'much', lange: 'long', alt: 'old', weit: 'far', woher: 'where from', ab: '', es: '' },
    ...{ ist: 'is', sind: 'are', war: 'was', waren: 'were', hat: 'has', haben: 'have', habe: 'have', hab: 'have' },
    ...{ kann: 'can', kannst: 'can', koennen: 'can', koenntest: 'could', darf: 'may', muss: 'must', soll: 'should' },
    ...{
      will: 'want',
      moechte: 'want',
      brauche: 'need',
      brauchen: 'need',
      braucht: 'needs',
      wird: 'is',
      werden: 'are',
    },
    ...{ der: 'the', die: 'the', das: 'the', dem: 'the', den: 'the', des: 'the', ein: 'a', eine: 'a', einen: 'a' },
    ...{ einer: 'a', einem: 'a', vom: 'of', von: 'of', zum: 'to', zur: 'to', zu: 'to', fuer: 'for', bei: 'at' },
    ...{
      mit: 'with',
      auf: 'on',
      aus: 'from',
      nach: 'to',
      im: 'in',
      und: 'and',
      oder: 'or',
      bis: 'until',
      seit: 'since',
    },
    ...{ nicht: 'not', kein: 'no', keine: 'no', nein: 'no', ja: 'yes', noch: 'still', nur: 'only', auch: 'also' },
    ...{
      zeig: 'show',
      zeige: 'show',
      zeigen: 'show',
      gib: 'give',
      sag: 'tell',
      liste: 'list',
      gibt: 'exist',
      gibts: 'exist',
    },
    ...{
      mach: 'make',
      mache: 'make',
      machen: 'make',
      nimm: 'take',
      setz: 'set',
      setze: 'set',
      starte: 'start',
      bau: 'build',
    },
    ...{ baue: 'build', bauen: 'build', gebaut: 'built', laeuft: 'running', laufen: 'running', passiert: 'happened' },
    ...{ nutzt: 'uses', nutzen: 'use', benutzt: 'uses', benutzen: 'use', verwendet: 'uses', verwenden: 'use' },
    ...{ veroeffentliche: 'publish', veroeffentlichen: 'publish', veroeffentlicht: 'published', publishen: 'publish' },
    ...{
      genehmige: 'approve',
      genehmigen: 'approve',
      freigeben: 'approve',
      freigabe: 'approval',
      freigaben: 'approvals',
    },
    ...{ approven: 'approve', rejecten: 'reject', canceln: 'cancel', rebuilden: 'rebuild', deployen: 'deploy' },
    ...{ ablehnen: 'reject', lehne: 'reject', abbrechen: 'cancel', brich: 'cancel', stopp: 'stop', stoppe: 'stop' },
    ...{ sperre: 'lock', sperren: 'lock', entsperre: 'unlock', entsperren: 'unlock', gesperrt: 'locked' },
    ...{ loesche: 'delete', loeschen: 'delete', zurueck: 'back', zurueckziehen: 'withdraw', nochmal: 'again' },
    ...{
      vergleiche: 'compare',
      vergleich: 'compare',
      unterschied: 'difference',
      geaendert: 'changed',
      zwischen: 'between',
    },
    ...{ neu: 'new', neue: 'new', neues: 'new', neuen: 'new', neuer: 'new', neueste: 'latest', neuste: 'latest' },
    ...{
      neuesten: 'latest',
      aktuelle: 'current',
      aktuellen: 'current',
      aktuell: 'current',
      letzte: 'last',
      letzten: 'last',
    },
    ...{ alle: 'all', allen: 'all', alles: 'everything', etwas: 'anything', jemand: 'anyone', niemand: 'nobody' },
    ...{
      versionen: 'versions',
      maschinen: 'machines',
      rechner: 'machines',
      rechte: 'rights',
      kosten: 'costs',
      kostet: 'cost',
    },
    ...{
      bild: 'image',
      bilder: 'images',
      abbild: 'image',
      fehler: 'errors',
      fehlgeschlagen: 'failed',
      kaputt: 'broken',
    },
    ...{
      fertig: 'done',
      offen: 'open',
      offene: 'open',
      wartet: 'waits',
      warten: 'waiting',
      faellig: 'due',
      heute: 'today',
    },
    ...{ gestern: 'yesterday', morgen: 'tomorrow', woche: 'week', wochen: 'weeks', monat: 'month', monate: 'months' },
    ...{ monaten: 'months', tage: 'days', tagen: 'days', stunden: 'hours', weil: 'because', wegen: 'because', uhr: '' },
    ...{
      freigegeben: 'approved',
      genehmigt: 'approved',
      abgelehnt: 'rejected',
      frei: 'approve',
      abgebrochen: 'cancelled',
    },
    ...{
      unterstuetzt: 'supported',
      gueltig: 'supported',
      endet: 'ends',
      ablaufen: 'expire',
      bald: 'soon',
      stand: 'status',
    },
    ...{ naechste: 'next', naechsten: 'next', naechster: 'next', naechstes: 'next', letzter: 'last', letztes: 'last' },
    ...{
      gescheitert: 'failed',
      schiefgelaufen: 'failed',
      schief: 'wrong',
      gelaufen: 'ran',
      wieder: 'again',
      statt: 'instead',
    },
    ...{ verlaengere: 'extend', verlaengern: 'extend', teile: 'share', teilen: 'share', aufraeumen: 'cleanup' },
    ...{
      protokoll: 'log',
      protokolle: 'logs',
      ausgabe: 'output',
      pakete: 'packages',
      enthaelt: 'contains',
      drin: 'inside',
    },
    ...{
      enthalten: 'contained',
      betroffen: 'affected',
      gehoert: 'owns',
      besitzer: 'owner',
      meinem: 'my',
      unserem: 'our',
    },
    ...{
      vertretung: 'deputy',
      vertreter: 'deputy',
      vertritt: 'covers',
      benachrichtige: 'notify',
      abbestellen: 'unsubscribe',
    },
    ...{ wenn: 'when', sobald: 'once', bescheid: '', erneut: 'again', wiederhole: 'retry', wiederholen: 'retry' },
    ...{ hinzufuegen: 'add', entferne: 'remove', entfernen: 'remove', kopiere: 'copy', verschiebe: 'postpone' },
    ...{
      verschieben: 'postpone',
      ausrollen: 'rollout',
      rolle: 'rollout',
      aktualisiere: 'update',
      aktualisieren: 'update',
    },
    ...{
      ausnahme: 'exemption',
      repariere: 'fix',
      reparieren: 'fix',
      pruefe: 'check',
      pruefen: 'check',
      echt: 'genuine',
    },
    ...{
      signatur: 'signature',
      herkunft: 'origin',
      basiert: 'based',
      geplant: 'scheduled',
      automatisch: 'automatically',
    },
    ...{
      reste: 'leftovers',
      muell: 'garbage',
      uebrig: 'left',
      gesund: 'healthy',
      monatlich: 'monthly',
      jeden: 'every',
    },
    ...{
      genutzt: 'used',
      gebaute: 'built',
      zugriff: 'access',
      kopien: 'copies',
      verfuegbar: 'available',
      gruppe: 'group',
    },
    ...{ veraltet: 'outdated', konform: 'compliant', abgelaufen: 'expired', laeuftab: 'expires', urlaub: 'vacation' },
  }),
);

/** Also English, or names: no sign of German by themselves. */
const shared = new Set(
  'was die den war will mal hat an im ab es tag dank bis der des bald rechner bild alt neu stand frei echt reste rolle schief'.split(
    ' ',
  ),
);

/** Words in lower case, with what is German among them in English. */
export function inEnglish(said: readonly string[]): readonly string[] {
  const spelled = said.map(withoutUmlauts);
  if (!spelled.some((word) => words.has(word) && !shared.has(word))) return said;
  return said.map((word, at) => {
    const plain = spelled[at] ?? word;
    if (plain === 'morgen' && /^guten?$/.test(spelled[at - 1] ?? '')) return 'morning';
    // `wann läuft 1.4.1 ab`: a verb in two parts.
    if (plain === 'laeuft' && spelled.slice(at).includes('ab')) return 'expires';
    return words.get(plain) ?? word;
  });
}

function withoutUmlauts(word: string): string {
  return word
    .replace(/\u00e4/g, 'ae')
    .replace(/\u00f6/g, 'oe')
    .replace(/\u00fc/g, 'ue')
    .replace(/\u00df/g, 'ss');
}
