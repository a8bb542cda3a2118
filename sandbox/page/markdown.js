/* global markdownit */
/** Teams' subset and nothing more: bold, italics, lists, links. No code, no headings, no HTML. */
function subset(options) {
  const md = markdownit('zero', { html: false, linkify: false, ...options });
  md.enable(['emphasis', 'list', 'link', 'escape', 'newline', 'balance_pairs', 'fragments_join'], true);
  md.renderer.rules.link_open = (tokens, i, opts, _env, self) => {
    tokens[i].attrSet('target', '_blank');
    tokens[i].attrSet('rel', 'noopener noreferrer');
    return self.renderToken(tokens, i, opts);
  };
  return md;
}

const inCards = subset({});
const inMessages = subset({ breaks: true });

/** For `onProcessMarkdown` of the card renderer. */
export const cardMarkdown = (text) => inCards.render(text);

/** The text of a message as an element; `names` are those that a mention can have. */
export function messageText(text, names) {
  const home = document.createElement('div');
  home.className = 'text';
  home.innerHTML = inMessages.render(text);
  markMentions(home, new RegExp(`<at>(.*?)</at>|(?<![\\w@])@(${names.join('|')})\\b`, 'gi'));
  return home;
}

/** In a card that is drawn: where a mention counts, its name in place of `<at>…</at>`. */
export function cardMentions(home, mentions, me) {
  for (const { id, text } of mentions) {
    const pattern = new RegExp(
      text
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replace('<at>', '<at>(')
        .replace('</at>', ')</at>'),
      'g',
    );
    markMentions(home, pattern, id === me ? 'mention me' : 'mention');
  }
}

/** Works on text nodes alone, so that nothing in a link's address is touched. */
function markMentions(home, pattern, name = 'mention') {
  const walker = document.createTreeWalker(home, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const pieces = [];
    let from = 0;
    for (const found of node.data.matchAll(pattern)) {
      const mention = document.createElement('span');
      mention.className = name;
      mention.textContent = found[1] ?? found[2];
      pieces.push(node.data.slice(from, found.index), mention);
      from = found.index + found[0].length;
    }
    if (pieces.length > 0) node.replaceWith(...pieces, node.data.slice(from));
  }
}
