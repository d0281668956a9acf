// SPDX-License-Identifier: Apache-2.0
//
// What a person does in front of the Playground's page.
import {startBrowser} from './browser.mjs';

export class Screen {
  #browser;
  page;

  // Opening the page is what adds the bot, too.
  async open(url) {
    this.#browser = await startBrowser();
    this.page = await this.#browser.newPage({viewport: {width: 1180, height: 900}});
    this.page.setDefaultTimeout(120_000);
    await this.page.goto(url);
  }
  async close() {
    await this.#browser?.close();
  }

  // Waits for a text on the newest card.
  async sees(text) {
    await this.page.getByText(text, {exact: false}).last().waitFor();
  }
  async types(text) {
    await this.page.locator('.ac-adaptiveCard textarea, .ac-adaptiveCard input[type=text]').last().fill(text);
  }
  async presses(title) {
    await this.page.getByRole('button', {name: title, exact: true}).last().click();
  }
  // The whole page, or only the newest card.
  shoots(file) {
    return this.page.screenshot({path: file});
  }
  shootsCard(file) {
    return this.page.locator('.ac-adaptiveCard').last().screenshot({path: file});
  }
}
