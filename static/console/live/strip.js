// The last ten seconds of a participant's level as a strip of bars, loud ones tall; those with speech in the lane's colour.

const COLUMNS = 50, BAR = 2, HEIGHT = 18;
const QUIETEST = 60, LOUDEST = 12; // −dBFS of no bar and of a full one

export class Strip {
  constructor(canvas) {
    this.canvas = canvas;
    this.figures = new Uint8Array(COLUMNS).fill(127);
    this.speech = new Uint8Array(COLUMNS);
    canvas.width = COLUMNS * BAR;
    canvas.height = HEIGHT;
  }

  add(figure, speaking) {
    this.figures.copyWithin(0, 1);
    this.speech.copyWithin(0, 1);
    this.figures[COLUMNS - 1] = figure;
    this.speech[COLUMNS - 1] = speaking ? 1 : 0;
  }

  draw(colours) {
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, COLUMNS * BAR, HEIGHT);
    for (const spoken of [0, 1]) {
      context.fillStyle = spoken ? colours.speech : colours.quiet;
      for (let column = 0; column < COLUMNS; column += 1) {
        if (this.speech[column] !== spoken) continue;
        const share = Math.min(1, Math.max(0, (QUIETEST - this.figures[column]) / (QUIETEST - LOUDEST)));
        const tall = Math.max(1, Math.round(share * HEIGHT));
        context.fillRect(column * BAR, HEIGHT - tall, BAR - 0.5, tall);
      }
    }
  }
}
